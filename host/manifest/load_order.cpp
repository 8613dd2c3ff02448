#include "host/manifest/load_order.h"

#include <algorithm>

#include "tutti/sdk/nearest.hpp"

namespace tutti::host {
namespace {

class Sorter {
 public:
  Sorter(std::vector<PluginEntry>& plugins, const std::map<std::string, FoundPlugin>& found, Problems& problems)
      : plugins_(plugins), found_(found), problems_(problems) {}

  void Sort() {
    for (PluginEntry& plugin : plugins_) {
      for (const Requirement& requirement : plugin.manifest.requirements) {
        Resolve(requirement, plugin);
      }
    }
    states_.assign(plugins_.size(), State::kNew);
    for (std::size_t i = 0; i < plugins_.size(); ++i) {
      Visit(i);
    }
    std::vector<PluginEntry> sorted;
    sorted.reserve(order_.size());
    for (const std::size_t index : order_) {
      sorted.push_back(std::move(plugins_[index]));
    }
    plugins_ = std::move(sorted);
  }

 private:
  enum class State { kNew, kOpen, kDone };

  static void AddDependency(PluginEntry& plugin, const std::string& id) {
    if (std::find(plugin.dependencies.begin(), plugin.dependencies.end(), id) == plugin.dependencies.end()) {
      plugin.dependencies.push_back(id);
    }
  }

  void Report(const PluginEntry& plugin, const std::string& message, std::string nearest = {}) {
    problems_.push_back({plugin.place, "plugins." + plugin.as, message, std::move(nearest)});
  }

  void Resolve(const Requirement& requirement, PluginEntry& plugin) {
    bool met = false;
    for (const PluginEntry& other : plugins_) {
      const std::string& id = other.manifest.id;
      if (id == plugin.manifest.id ||
          (requirement.is_kind() ? !other.manifest.Serves(requirement.name) : id != requirement.name)) {
        continue;
      }
      met = true;
      AddDependency(plugin, id);
      if (requirement.minimum && other.manifest.version < *requirement.minimum) {
        Report(plugin, "plugin " + plugin.manifest.id + " needs " + id + " in version " +
                           requirement.minimum->ToString() + " or later, found " + other.manifest.version.ToString() +
                           "; install a newer one");
      }
    }
    if (met) {
      return;
    }
    const std::string who = "plugin " + plugin.manifest.id + " needs ";
    const std::string remedy = "; enable one or disable " + plugin.manifest.id;
    if (requirement.is_kind()) {
      Report(plugin, who + "a plugin of kind " + requirement.name + ", found none enabled" + remedy);
      return;
    }
    if (found_.contains(requirement.name)) {
      Report(plugin, who + requirement.name + ", which is installed but not enabled; enable it or disable " +
                         plugin.manifest.id);
      return;
    }
    std::vector<std::string> ids;
    for (const auto& [id, other] : found_) {
      ids.push_back(id);
    }
    Report(plugin, who + requirement.name + ", which is not installed; install it or disable " + plugin.manifest.id,
           Nearest(requirement.name, ids));
  }

  void Visit(std::size_t index) {
    if (states_[index] == State::kDone) {
      return;
    }
    if (states_[index] == State::kOpen) {
      ReportCircle(index);
      return;
    }
    states_[index] = State::kOpen;
    path_.push_back(index);
    for (const std::string& id : plugins_[index].dependencies) {
      for (std::size_t i = 0; i < plugins_.size(); ++i) {
        if (plugins_[i].manifest.id == id) {
          Visit(i);
        }
      }
    }
    path_.pop_back();
    states_[index] = State::kDone;
    order_.push_back(index);
  }

  void ReportCircle(std::size_t index) {
    std::string circle;
    for (auto at = std::find(path_.begin(), path_.end(), index); at != path_.end(); ++at) {
      circle += plugins_[*at].manifest.id + " -> ";
    }
    Report(plugins_[index],
           "plugins need each other in a circle: " + circle + plugins_[index].manifest.id + "; disable one of them");
  }

  std::vector<PluginEntry>& plugins_;
  const std::map<std::string, FoundPlugin>& found_;
  Problems& problems_;
  std::vector<State> states_;
  std::vector<std::size_t> path_;
  std::vector<std::size_t> order_;
};

}  // namespace

void SortByDependencies(std::vector<PluginEntry>& plugins, const std::map<std::string, FoundPlugin>& found,
                        Problems& problems) {
  Sorter(plugins, found, problems).Sort();
}

}  // namespace tutti::host
