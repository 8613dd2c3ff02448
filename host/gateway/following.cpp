#include "host/gateway/following.h"

#include <algorithm>

namespace tutti::host {

namespace {

Status Wrong(const std::string& what) {
  return Status::Internal("the answer to a client that opens a stream of events: " + what);
}

}  // namespace

Result<Following> Following::Parse(std::string_view answer, Client client) {
  Following following;
  const Result<Json> json = Json::Parse(answer);
  if (!json.ok() || !json->view().is_object()) {
    return Wrong("expected a JSON object, found something else");
  }
  if (const std::string_view first = JsonMember(answer, "first"); first != "null") {
    following.first = first;
  }
  (*json)["streams"].ForEach([&](JsonView stream) {
    const std::string_view name = stream.AsString();
    const auto& known = following.streams;
    if (known.size() < kMaxStreams && std::find(known.begin(), known.end(), name) == known.end()) {
      following.streams.emplace_back(name);
    }
  });
  const JsonView since = (*json)["since"];
  const JsonView filter = (*json)["filter"];
  if (since && !since.is_null()) {
    if (!since.is_int() || since.AsInt() < 0) {
      return Wrong("since: expected a number from 0 on or null, found " + since.Dump());
    }
    if (following.streams.size() != 1) {
      return Wrong("streams: expected exactly one beside a number in \"since\", found " +
                   std::to_string(following.streams.size()));
    }
    following.since = static_cast<std::uint64_t>(since.AsInt());
  }
  Result<EventFilter> parsed = EventFilter::Parse(filter);
  if (!parsed.ok()) {
    return Wrong(std::string(parsed.status().message()));
  }
  following.filter = std::move(*parsed);
  if (client == Client::kServerSent) {
    following.form = FrameForm::kServerSent;
  } else if (since || filter) {
    following.form = FrameForm::kEvent;
  }
  return following;
}

}  // namespace tutti::host
