// Place: where an agent stands below its orchestrator.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace tutti::orchestrator {

// The path of ids from the orchestrator down to the agent itself: "/<orchestrator>/<agent>/<agent>/".
class Place {
 public:
  static Place Of(std::string_view orchestrator) { return Place("/" + std::string(orchestrator) + "/"); }

  // `tree` as stored, of somebody below `orchestrator`; rows from before there were trees have none.
  static Place Of(std::string_view orchestrator, std::string_view tree, std::string_view agent) {
    return tree.empty() ? Of(orchestrator).Below(agent) : Place(std::string(tree));
  }

  // What `agent` has when whoever stands here creates it.
  [[nodiscard]] Place Below(std::string_view agent) const { return Place(tree_ + std::string(agent) + "/"); }

  [[nodiscard]] const std::string& tree() const { return tree_; }

  // Id of the one above; empty for the orchestrator.
  [[nodiscard]] std::string_view parent() const {
    const std::string_view path = std::string_view(tree_).substr(0, tree_.size() - 1);
    const std::string_view above = path.substr(0, path.rfind('/'));
    return above.empty() ? above : above.substr(above.rfind('/') + 1);
  }

  // How many stand above.
  [[nodiscard]] std::int64_t depth() const { return std::count(tree_.begin(), tree_.end(), '/') - 2; }

 private:
  explicit Place(std::string tree) : tree_(std::move(tree)) {}

  std::string tree_;
};

}  // namespace tutti::orchestrator
