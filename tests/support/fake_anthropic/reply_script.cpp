#include "tests/support/fake_anthropic/reply_script.h"

#include <algorithm>

#include "tests/support/fake_anthropic/message_stream.h"
#include "tutti/sdk/json.hpp"

namespace tutti::fake_anthropic {
namespace {

template <typename T>
using Names = std::initializer_list<std::pair<std::string_view, T>>;

template <typename T>
Status Read(JsonView reply, std::string_view key, Names<T> names, T& value) {
  if (!reply[key]) {
    return {};
  }
  const auto* const found =
      std::find_if(names.begin(), names.end(), [&](const auto& name) { return name.first == reply[key].AsString(); });
  if (found == names.end()) {
    return Status::InvalidArgument("unknown value of `" + std::string(key) + "`: " + reply[key].Dump());
  }
  value = found->second;
  return {};
}

std::vector<std::string> Texts(JsonView array) {
  std::vector<std::string> texts;
  array.ForEach([&](JsonView text) { texts.emplace_back(text.AsString()); });
  return texts;
}

Result<Reply> ParseReply(JsonView json) {
  static constexpr std::string_view kKnown[] = {"contains", "lacks",    "times",    "message",    "events",
                                                "body",     "status",   "headers",  "split",      "framing",
                                                "end",      "pause_ms", "line_end", "piece_bytes"};
  Status status;
  json.ForEachMember([&](std::string_view key, JsonView) {
    if (std::find(std::begin(kKnown), std::end(kKnown), key) == std::end(kKnown)) {
      status = Status::InvalidArgument("unknown member `" + std::string(key) + "` of a reply");
    }
  });
  Reply reply;
  std::string_view line_end = "\n";
  for (const Status& read :
       {status,
        Read<Reply::Split>(
            json, "split",
            {{"whole", Reply::Split::kWhole}, {"lines", Reply::Split::kLines}, {"bytes", Reply::Split::kBytes}},
            reply.split),
        Read<Reply::Framing>(json, "framing",
                             {{"chunked", Reply::Framing::kChunked},
                              {"length", Reply::Framing::kLength},
                              {"close", Reply::Framing::kClose}},
                             reply.framing),
        Read<Reply::End>(json, "end",
                         {{"complete", Reply::End::kComplete}, {"cut", Reply::End::kCut}, {"hang", Reply::End::kHang}},
                         reply.end),
        Read<std::string_view>(json, "line_end", {{"lf", "\n"}, {"crlf", "\r\n"}, {"cr", "\r"}}, line_end)}) {
    if (!read.ok()) {
      return read;
    }
  }
  reply.contains = Texts(json["contains"]);
  reply.lacks = Texts(json["lacks"]);
  reply.times = static_cast<int>(json["times"].AsInt(1));
  reply.status = static_cast<int>(json["status"].AsInt(200));
  reply.pause = std::chrono::milliseconds(json["pause_ms"].AsInt());
  reply.body = json["body"].AsString();
  bool has_type = false;
  json["headers"].ForEachMember([&](std::string_view name, JsonView value) {
    reply.headers.emplace_back(name, value.AsString());
    has_type = has_type || name == "content-type";
  });
  std::vector<std::string> events;
  json["events"].ForEach([&](JsonView event) { events.push_back(event.Dump()); });
  if (json["message"]) {
    events = MessageEvents(json["message"],
                           static_cast<std::size_t>(std::max<std::int64_t>(1, json["piece_bytes"].AsInt(5))));
  }
  if (!events.empty()) {
    reply.body = ToSse(events, line_end);
  }
  if (!has_type) {
    reply.headers.emplace_back("content-type", reply.status == 200 ? "text/event-stream" : "application/json");
  }
  return reply;
}

}  // namespace

Result<std::vector<Reply>> ParseReplies(std::string_view text) {
  const auto json = Json::Parse(text);
  if (!json.ok()) {
    return json.status();
  }
  const JsonView list = (*json)["replies"];
  if (!list.is_array()) {
    return Status::InvalidArgument("expected {\"replies\": [...]}");
  }
  std::vector<Reply> replies;
  for (std::size_t i = 0; i < list.size(); ++i) {
    auto reply = ParseReply(list[i]);
    if (!reply.ok()) {
      return Status::InvalidArgument("reply " + std::to_string(i) + ": " + std::string(reply.status().message()));
    }
    replies.push_back(std::move(*reply));
  }
  return replies;
}

}  // namespace tutti::fake_anthropic
