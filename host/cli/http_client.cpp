#include "host/cli/http_client.h"

#include <Poco/Exception.h>
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/URI.h>

#include "host/cli/chat_watch.h"
#include "tutti/sdk/text.hpp"

namespace tutti::host {
namespace {

constexpr std::size_t kMaxAnswerBytes = 16 << 20;
constexpr std::size_t kMaxToldBytes = 500;

struct Answer {
  int status = 0;
  std::string body;
};

Answer Exchange(const HttpClient::Options& options, const std::string& method, const std::string& target,
                const std::string& body) {
  const Poco::URI uri(options.url);
  Poco::Net::HTTPClientSession session(uri.getHost(), uri.getPort());
  session.setTimeout(Poco::Timespan(options.timeout.count(), 0));
  Poco::Net::HTTPRequest request(method, target, Poco::Net::HTTPMessage::HTTP_1_1);
  if (!options.token.empty()) {
    request.set("Authorization", "Bearer " + options.token);
  }
  if (!body.empty()) {
    request.setContentType("application/json");
    request.setContentLength(static_cast<std::streamsize>(body.size()));
  }
  session.sendRequest(request) << body;
  Poco::Net::HTTPResponse response;
  std::istream& stream = session.receiveResponse(response);
  Answer answer{response.getStatus(), std::string(kMaxAnswerBytes, '\0')};
  stream.read(answer.body.data(), static_cast<std::streamsize>(answer.body.size()));
  answer.body.resize(static_cast<std::size_t>(stream.gcount()));
  return answer;
}

}  // namespace

Status HttpClient::CheckUrl() const {
  try {
    const Poco::URI uri(options_.url);
    if (uri.getScheme() == "http" && !uri.getHost().empty()) {
      return {};
    }
  } catch (const Poco::Exception&) {
    // Told below.
  }
  return Status::InvalidArgument("expected a server such as http://127.0.0.1:9403, found '" + options_.url + "'");
}

Result<Json> HttpClient::Request(const std::string& method, const std::string& route, const std::string& body) const {
  Answer answer;
  try {
    answer = Exchange(options_, method, Target(route), body);
  } catch (const Poco::Exception& exception) {
    return Unreachable(options_.url, exception.displayText());
  }
  if (answer.status >= 400) {
    return Status::Unavailable(method + " " + route + " answered " + std::to_string(answer.status) + ": " +
                               TerminalText(Utf8Prefix(answer.body, kMaxToldBytes)) +
                               (answer.status == 401 ? "; " + options_.token_hint : std::string()))
        .WithDetails(answer.body);
  }
  Result<Json> json = Json::Parse(answer.body);
  if (!json.ok()) {
    return Status::Unavailable(method + " " + route + ": " + std::string(json.status().message()) +
                               "; is this a tutti server?");
  }
  return json;
}

std::string HttpClient::Target(const std::string& route) const {
  const std::string path = Poco::URI(options_.url).getPath();
  return (path.ends_with('/') ? path.substr(0, path.size() - 1) : path) + route;
}

Status HttpClient::Unreachable(const std::string& url, const std::string& reason) {
  return Status::Unavailable("cannot talk to " + url + ": " + reason +
                             "; is the server running? `tutti run` starts it");
}

}  // namespace tutti::host
