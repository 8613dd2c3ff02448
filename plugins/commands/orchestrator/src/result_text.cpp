#include "result_text.h"

#include <algorithm>
#include <vector>

#include "tutti/sdk/json.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::orchestrator {
namespace {

constexpr std::size_t kMostCharacters = 20000;
constexpr std::size_t kMostRows = 100;
constexpr std::size_t kMostColumns = 8;
constexpr std::size_t kMostCellCharacters = 80;
constexpr int kMostDepth = 6;

bool IsNested(JsonView value) {
  return value.is_object() || value.is_array();
}

// On one line, and unable to end the cell it stands in.
std::string Cell(JsonView value) {
  const std::string text = value.is_string() ? std::string(value.AsString()) : value.is_null() ? "" : value.Dump();
  const std::string_view shown = Utf8Prefix(text, kMostCellCharacters);
  std::string cell;
  for (const char c : shown) {
    if (c == '|') {
      cell += '\\';
    }
    cell += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return cell + (shown.size() < text.size() ? "..." : "");
}

bool IsTable(JsonView array) {
  bool is_table = array.size() > 0;
  array.ForEach([&](JsonView row) { is_table = is_table && row.is_object(); });
  return is_table;
}

// The members that are plain in every row, in the order of the first.
std::vector<std::string> Columns(JsonView rows) {
  std::vector<std::string> columns;
  rows[0].ForEachMember([&](std::string_view name, JsonView) {
    bool is_plain = true;
    const std::string key(name);
    rows.ForEach([&](JsonView row) { is_plain = is_plain && !IsNested(row[key]); });
    if (is_plain && columns.size() < kMostColumns) {
      columns.push_back(key);
    }
  });
  return columns;
}

std::string Table(JsonView rows) {
  const std::vector<std::string> columns = Columns(rows);
  std::string text = "|";
  std::string rule = "|";
  for (const std::string& column : columns) {
    text += " " + column + " |";
    rule += "---|";
  }
  text += "\n" + rule;
  std::size_t shown = 0;
  rows.ForEach([&](JsonView row) {
    if (shown++ >= kMostRows) {
      return;
    }
    text += "\n|";
    for (const std::string& column : columns) {
      text += " " + Cell(row[column]) + " |";
    }
  });
  if (rows.size() > kMostRows) {
    text += "\n\n" + std::to_string(rows.size() - kMostRows) + " more are not shown.";
  }
  return text;
}

std::string Markdown(JsonView value, int depth);

std::string Members(JsonView object, int depth) {
  std::string lines;
  std::string sections;
  object.ForEachMember([&](std::string_view name, JsonView member) {
    if (!IsNested(member)) {
      lines += (lines.empty() ? "- " : "\n- ") + std::string(name) + ": " + Cell(member);
    } else if (member.size() > 0) {
      sections += (sections.empty() ? "**" : "\n\n**") + std::string(name) + "**\n\n" + Markdown(member, depth + 1);
    }
  });
  return lines + (lines.empty() || sections.empty() ? "" : "\n\n") + sections;
}

std::string Items(JsonView array) {
  std::string lines;
  std::size_t shown = 0;
  array.ForEach([&](JsonView item) {
    if (shown++ < kMostRows) {
      lines += (lines.empty() ? "- " : "\n- ") + Cell(item);
    }
  });
  return lines;
}

std::string Markdown(JsonView value, int depth) {
  if (depth > kMostDepth || !IsNested(value)) {
    return Cell(value);
  }
  if (value.is_object()) {
    return Members(value, depth);
  }
  return IsTable(value) && !Columns(value).empty() ? Table(value) : Items(value);
}

std::string Contents(JsonView content) {
  std::string text;
  content.ForEach([&](JsonView item) {
    text += text.empty() ? "" : "\n";
    text += item["text"].AsString();
  });
  return text;
}

std::string Whole(JsonView result) {
  if (result["text"].is_string()) {
    return std::string(result["text"].AsString());
  }
  return result["content"].is_array() ? Contents(result["content"]) : Markdown(result, 0);
}

}  // namespace

std::string ResultText(std::string_view result) {
  const Result<Json> json = Json::Parse(result.empty() ? std::string_view("null") : result);
  std::string text = json.ok() ? Whole(json->view()) : CleanUtf8(result);
  const std::string_view shown = Utf8Prefix(text, kMostCharacters);
  if (shown.size() == text.size()) {
    return text;
  }
  return std::string(shown) + "\n\n[the answer was cut after " + std::to_string(kMostCharacters) + " characters]";
}

}  // namespace tutti::orchestrator
