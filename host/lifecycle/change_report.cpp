#include "host/lifecycle/change_report.h"

#include "tutti/sdk/json.hpp"

namespace tutti::host {

namespace {

void WriteTexts(JsonWriter& writer, const char* key, const std::vector<std::string>& texts) {
  writer.Key(key).BeginArray();
  for (const std::string& text : texts) {
    writer.Value(text);
  }
  writer.EndArray();
}

}  // namespace

std::string ChangeReport::ToJson() const {
  JsonWriter writer;
  writer.BeginObject().Key("changed").BeginArray();
  for (const Change& change : changed) {
    writer.BeginObject().Key("id").Value(change.id).Key("what").Value(change.what);
    writer.Key("from").Value(change.from).Key("to").Value(change.to).Key("reason").Value(change.reason).EndObject();
  }
  writer.EndArray().Key("unchanged").Value(unchanged);
  WriteTexts(writer, "problems", problems);
  WriteTexts(writer, "notes", notes);
  return writer.EndObject().Take();
}

std::string ChangeReport::ToText() const {
  std::string text;
  const auto line = [&text](const std::string& words) { text += (text.empty() ? "" : "\n") + words; };
  for (const Change& change : changed) {
    std::string words = change.id + " " + change.what;
    if (change.what == "upgraded") {
      words += " from " + change.from + " to " + change.to;
    }
    line(change.reason.empty() ? words : words + ": " + change.reason);
  }
  for (const std::string& problem : problems) {
    line("not changed: " + problem);
  }
  for (const std::string& note : notes) {
    line(note);
  }
  return text.empty() ? "nothing has changed" : text;
}

}  // namespace tutti::host
