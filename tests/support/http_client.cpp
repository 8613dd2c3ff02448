#include "tests/support/http_client.h"

#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/StreamCopier.h>

#include <stdexcept>

#include "tests/support/server_process.h"

namespace tutti::test {

Json HttpAnswer::json() const {
  Result<Json> parsed = Json::Parse(body);
  if (!parsed.ok()) {
    throw std::runtime_error("expected JSON, found: " + body);
  }
  return std::move(*parsed);
}

HttpAnswer Request(std::uint16_t port, const std::string& method, const std::string& target, const std::string& body,
                   const std::map<std::string, std::string>& headers) {
  Poco::Net::HTTPClientSession session("127.0.0.1", port);
  session.setTimeout(Poco::Timespan(kPatience.count(), 0));
  Poco::Net::HTTPRequest request(method, target, Poco::Net::HTTPMessage::HTTP_1_1);
  if (!body.empty()) {
    request.setContentType("application/json");
    request.setContentLength64(static_cast<Poco::Int64>(body.size()));
  }
  for (const auto& [name, value] : headers) {
    request.set(name, value);
  }
  session.sendRequest(request) << body;
  Poco::Net::HTTPResponse response;
  HttpAnswer answer;
  Poco::StreamCopier::copyToString(session.receiveResponse(response), answer.body);
  answer.status = response.getStatus();
  for (const auto& [name, value] : response) {
    answer.headers[name] = value;
  }
  return answer;
}

}  // namespace tutti::test
