#include "event_query.h"

#include <algorithm>
#include <charconv>

#include "tutti/sdk/text.hpp"

namespace tutti::orchestrator {
namespace {

constexpr const char* kNames[] = {"agent", "run", "tree"};

// Commas separate types within an item, so that both ?types=a,b and ["a","b"] work.
void AddTypes(std::string_view list, JsonWriter& writer) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    if (comma > 0) {
      writer.Value(list.substr(0, comma));
    }
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
}

// "12" and 12 are the number, "latest" is null.
std::string SinceOf(JsonView since) {
  if (!since || since.is_null()) {
    return {};
  }
  if (since.is_int()) {
    return std::to_string(since.AsInt());
  }
  const std::string_view text = since.AsString();
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? std::to_string(number) : "null";
}

std::int64_t Number(std::string_view object, std::string_view name) {
  const std::string_view text = JsonMember(object, name);
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

EventQuery EventQuery::Read(JsonView args) {
  EventQuery query;
  query.since = SinceOf(args["since"]);
  JsonObject filter;
  for (const char* name : kNames) {
    if (const std::string_view value = args[name].AsString(); !value.empty()) {
      filter(name, value);
    }
  }
  if (args["types"].size() > 0) {
    JsonWriter types;
    types.BeginArray();
    args["types"].ForEach([&](JsonView item) { AddTypes(item.AsString(), types); });
    filter.Raw("types", types.EndArray().view());
  }
  query.filter = filter.Take();
  return query;
}

std::string FollowAnswer(const EventQuery& query, std::string_view stream, std::string_view first,
                         bool is_always_whole) {
  JsonObject answer;
  if (!first.empty()) {
    answer.Raw("first", first);
  }
  answer.Raw("streams", "[" + JsonQuote(stream) + "]");
  if (is_always_whole || !query.is_empty()) {
    answer.Raw("since", query.since.empty() ? std::string_view("null") : query.since).Raw("filter", query.filter);
  }
  return answer.Take();
}

std::string JournalOperation(const EventQuery& query, std::string_view stream, std::int64_t limit) {
  JsonWriter writer;
  writer.BeginObject().Key("op").Value("journal").Key("stream").Value(stream).Key("limit").Value(limit);
  writer.Key("since").Raw(query.since.empty() || query.since == "null" ? std::string_view("0") : query.since);
  const Result<Json> filter = Json::Parse(query.filter);
  filter->view().ForEachMember([&](std::string_view name, JsonView value) { writer.Key(name).Value(*value.raw()); });
  return writer.EndObject().Take();
}

std::string EventPage(std::string_view result, std::string_view stream, std::int64_t since) {
  const std::int64_t first = Number(result, "first");
  std::string page(result.substr(0, result.find_last_of('}')));
  if (since + 1 < first) {
    page += ",\"expired\":" +
            JsonObject()("type", "expired")("stream", stream)("from", since + 1)("to", first - 1)("timestamp", NowIso())
                .Take();
  }
  return page += '}';
}

}  // namespace tutti::orchestrator
