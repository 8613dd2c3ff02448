#include "host/manifest/include.h"

#include <glob.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <vector>

#include "host/manifest/yaml_reader.h"

namespace tutti::host {
namespace {

constexpr std::size_t kMaxIncludeDepth = 16;
constexpr std::size_t kMaxFiles = 256;

bool IsPattern(const std::string& name) {
  return name.find_first_of("*?[") != std::string::npos;
}

std::vector<std::string> Matches(const std::string& pattern) {
  glob_t found{};
  std::vector<std::string> files;
  if (glob(pattern.c_str(), 0, nullptr, &found) == 0) {
    files.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  }
  globfree(&found);
  return files;
}

std::string Canonical(const std::string& file) {
  std::error_code error;
  const std::filesystem::path path = std::filesystem::weakly_canonical(file, error);
  return error ? file : path.string();
}

void ReportRepeatedPlugins(const Node& root, Problems& problems) {
  const Node* plugins = root.Find("plugins");
  if (plugins == nullptr) {
    return;
  }
  std::map<std::string, int> seen;
  for (const Node& entry : plugins->items) {
    const Node* id = entry.Find("id");
    if (id == nullptr || !id->is_scalar()) {
      continue;
    }
    const auto [first, is_new] = seen.emplace(id->text, id->place.line);
    if (!is_new) {
      problems.push_back(ProblemAt(*id, "plugin " + id->text + " is listed a second time, first at line " +
                                            std::to_string(first->second) + "; keep one entry"));
    }
  }
}

void MergeMaps(Node& base, Node&& over);

void MergePlugins(Node& base, Node&& over) {
  for (Node& entry : over.items) {
    const std::string id = entry.TextAt("id");
    const auto same = [&](const Node& other) { return !id.empty() && other.TextAt("id") == id; };
    const auto found = std::find_if(base.items.begin(), base.items.end(), same);
    if (found != base.items.end() && found->is_map() && entry.is_map()) {
      MergeMaps(*found, std::move(entry));
    } else {
      base.items.push_back(std::move(entry));
    }
  }
}

void MergeMaps(Node& base, Node&& over) {
  for (Member& member : over.members) {
    const auto found = std::find_if(base.members.begin(), base.members.end(),
                                    [&](const Member& other) { return other.key == member.key; });
    if (found == base.members.end()) {
      base.members.push_back(std::move(member));
    } else if (found->value.is_map() && member.value.is_map()) {
      MergeMaps(found->value, std::move(member.value));
    } else {
      *found = std::move(member);
    }
  }
}

void MergeRoots(Node& base, Node&& over) {
  for (const char* list : {"plugins", "plugin_path"}) {
    const auto has_list = [&](const Member& member) { return member.key == list && member.value.is_sequence(); };
    const auto mine = std::find_if(base.members.begin(), base.members.end(), has_list);
    const auto theirs = std::find_if(over.members.begin(), over.members.end(), has_list);
    if (mine == base.members.end() || theirs == over.members.end()) {
      continue;
    }
    if (std::string_view(list) == "plugins") {
      MergePlugins(mine->value, std::move(theirs->value));
    } else {
      std::move(theirs->value.items.begin(), theirs->value.items.end(), std::back_inserter(mine->value.items));
    }
    over.members.erase(theirs);
  }
  MergeMaps(base, std::move(over));
}

class Reader {
 public:
  Reader(const Variables& variables, Problems& problems) : variables_(variables), problems_(problems) {}

  std::optional<Node> Read(const std::string& file) {
    ++files_;
    open_.push_back(Canonical(file));
    std::optional<Node> root = ReadYamlFile(file, &variables_, problems_);
    if (root && root->kind != Node::Kind::kNull && !root->is_map()) {
      problems_.push_back(ProblemAt(*root, "expected a map of settings, found " + Describe(*root)));
      root.reset();
    }
    if (root) {
      ReportRepeatedPlugins(*root, problems_);
      ReadIncluded(*root, file);
    }
    open_.pop_back();
    return root;
  }

 private:
  void ReadIncluded(Node& root, const std::string& file) {
    const auto include = std::find_if(root.members.begin(), root.members.end(),
                                      [](const Member& member) { return member.key == "include"; });
    if (include == root.members.end()) {
      return;
    }
    const Node list = std::move(include->value);
    root.members.erase(include);
    if (!list.is_sequence()) {
      if (list.kind != Node::Kind::kNull) {
        problems_.push_back(ProblemAt(
            list, "expected a list of file names, found " + Describe(list) + "; write include: [conf.d/*.yaml]"));
      }
      return;
    }
    for (const Node& name : list.items) {
      ReadNamed(root, name, std::filesystem::path(file).parent_path());
    }
  }

  void ReadNamed(Node& root, const Node& name, const std::filesystem::path& directory) {
    if (!name.is_scalar() || name.text.empty()) {
      problems_.push_back(ProblemAt(name, "expected a file name, found " + Describe(name)));
      return;
    }
    const std::string path = (directory / name.text).string();
    const bool is_pattern = IsPattern(name.text);
    if (!is_pattern && !std::filesystem::exists(path)) {
      problems_.push_back(ProblemAt(name, "expected an existing file, found none at " + path));
      return;
    }
    for (const std::string& match : is_pattern ? Matches(path) : std::vector<std::string>{path}) {
      ReadMatch(root, name, match);
    }
  }

  void ReadMatch(Node& root, const Node& name, const std::string& file) {
    if (std::find(open_.begin(), open_.end(), Canonical(file)) != open_.end()) {
      problems_.push_back(ProblemAt(name, "file " + file +
                                              " includes itself, directly or through another; remove one "
                                              "of the includes"));
      return;
    }
    if (open_.size() >= kMaxIncludeDepth || files_ >= kMaxFiles) {
      problems_.push_back(ProblemAt(name, "expected at most " + std::to_string(kMaxFiles) + " files, nested at most " +
                                              std::to_string(kMaxIncludeDepth) + " deep; " + file + " is one more"));
      return;
    }
    if (std::optional<Node> included = Read(file)) {
      MergeRoots(root, std::move(*included));
    }
  }

  const Variables& variables_;
  Problems& problems_;
  std::vector<std::string> open_;
  std::size_t files_ = 0;
};

}  // namespace

std::optional<Node> ReadWithIncludes(const std::string& file, const Variables& variables, Problems& problems) {
  return Reader(variables, problems).Read(file);
}

}  // namespace tutti::host
