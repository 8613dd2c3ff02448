#include "host/cli/scaffold.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>

#include "tutti/sdk/nearest.hpp"

namespace tutti::host {
namespace {

namespace fs = std::filesystem;

using Replacements = std::vector<std::pair<std::string, std::string>>;

bool IsLower(char c) {
  return c >= 'a' && c <= 'z';
}

bool IsIdLetter(char c) {
  return IsLower(c) || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

std::string WithNearest(std::string sentence, std::string_view name, const std::vector<std::string>& candidates) {
  const std::string nearest = Nearest(name, candidates);
  return nearest.empty() ? sentence : sentence + ". Did you mean '" + nearest + "'?";
}

// The id as its author may have meant it: lower case, what is not allowed as '-'.
std::string NearestId(std::string_view id) {
  std::string near;
  for (const char c : id) {
    const char lower = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    near += lower == '.' || IsIdLetter(lower) ? lower : '-';
  }
  return near.find('.') == std::string::npos ? "org.example." + near : near;
}

bool IsId(std::string_view id) {
  const bool letters = std::all_of(id.begin(), id.end(), [](char c) { return c == '.' || IsIdLetter(c); });
  const bool parts = id.find('.') != std::string_view::npos && id.front() != '.' && id.back() != '.' &&
                     id.find("..") == std::string_view::npos;
  return letters && parts && IsLower(id[id.rfind('.') + 1]);
}

Status CheckId(const std::string& id) {
  constexpr std::size_t kLongest = 128;
  if (!id.empty() && id.size() <= kLongest && IsId(id)) {
    return {};
  }
  const std::string near = id.empty() ? "" : NearestId(id);
  const bool has_hint = near != id && near.size() <= kLongest && !near.empty() && IsId(near);
  return Status::InvalidArgument(
      "expected an id in reverse domain order such as org.example.careful, of a-z, 0-9, '_' and '-', its last part "
      "beginning with a letter, at most " +
      std::to_string(kLongest) + " letters; found '" + id + "'" + (has_hint ? ". Did you mean '" + near + "'?" : ""));
}

std::vector<std::string> Kinds(const std::vector<Starter>& starters) {
  std::vector<std::string> kinds;
  for (const Starter& starter : starters) {
    if (kinds.empty() || kinds.back() != starter.kind) {
      kinds.emplace_back(starter.kind);
    }
  }
  return kinds;
}

Result<const Starter*> FindStarter(const std::vector<Starter>& starters, const PluginNewOptions& options) {
  std::vector<std::string> languages;
  for (const Starter& starter : starters) {
    if (starter.kind != options.kind) {
      continue;
    }
    if (starter.language == options.language) {
      return &starter;
    }
    languages.emplace_back(starter.language);
  }
  if (languages.empty()) {
    const std::vector<std::string> kinds = Kinds(starters);
    const std::string why = options.kind == "transport"
                                ? "there is no starter for a transport, whose tables are those of tutti/abi/transport.h"
                                : "unknown kind '" + options.kind + "'";
    return Status::InvalidArgument(WithNearest(why + "; expected one of " + JoinNames(kinds), options.kind, kinds));
  }
  const std::vector<std::string> others = languages.size() > 1 ? languages : std::vector<std::string>();
  return Status::InvalidArgument(WithNearest("there is no starter for a " + options.kind + " in '" + options.language +
                                                 "'; expected --language " + JoinNames(languages),
                                             options.language, others));
}

// In one pass, so that what was put in is not looked at again. Longer names come first.
std::string Replace(std::string_view text, const Replacements& replacements) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const auto found = std::find_if(replacements.begin(), replacements.end(), [&](const auto& pair) {
      return text.compare(i, pair.first.size(), pair.first) == 0;
    });
    if (found == replacements.end()) {
      out += text[i++];
    } else {
      out += found->second;
      i += found->first.size();
    }
  }
  return out;
}

}  // namespace

std::string ClassName(std::string_view name) {
  std::string out;
  bool begins = true;
  for (const char c : name) {
    const bool separates = c == '_' || c == '-';
    if (!separates) {
      out += begins ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
    }
    begins = separates;
  }
  return out;
}

Result<Scaffold> MakeScaffold(const std::vector<Starter>& starters, const PluginNewOptions& options,
                              const ScaffoldPlaces& places) {
  const Result<const Starter*> starter = FindStarter(starters, options);
  if (!starter.ok()) {
    return starter.status();
  }
  if (const Status id = CheckId(options.id); !id.ok()) {
    return id;
  }
  const std::string theirs = std::string((*starter)->kind) + "_" + std::string((*starter)->language);
  std::string name = options.id.substr(options.id.rfind('.') + 1);
  Scaffold scaffold;
  scaffold.directory = options.directory.empty() ? name : options.directory;
  // A library, a command and a target of CMake are named after it.
  std::replace(name.begin(), name.end(), '-', '_');
  const Replacements replacements = {{"/usr/local/etc/tutti/tutti.yaml", places.manifest},
                                     {"org.example." + theirs, options.id},
                                     {"/usr/local", places.prefix},
                                     {ClassName(theirs), ClassName(name)},
                                     {theirs, name}};
  for (const StarterFile& file : (*starter)->files) {
    scaffold.files.emplace_back(file.path, Replace(file.text, replacements));
  }
  return scaffold;
}

Status WriteScaffold(const Scaffold& scaffold) {
  const fs::path directory(scaffold.directory);
  std::error_code error;
  if (fs::exists(directory, error) && !(fs::is_directory(directory, error) && fs::is_empty(directory, error))) {
    return Status::AlreadyExists("expected a directory that does not exist or is empty, found something at " +
                                 scaffold.directory + "; name another with --directory DIR");
  }
  for (const auto& [path, text] : scaffold.files) {
    const fs::path file = directory / path;
    fs::create_directories(file.parent_path(), error);
    std::ofstream out(file, std::ios::binary);
    out << text;
    out.close();
    if (!out) {
      return Status::Unavailable("expected to write " + file.string() + ", found that it cannot be written; " +
                                 "choose a directory of yours with --directory DIR");
    }
  }
  return {};
}

}  // namespace tutti::host
