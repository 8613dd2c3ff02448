#include "host/manifest/roles.h"

#include <algorithm>

#include "tutti/sdk/nearest.hpp"

namespace tutti::host {
namespace {

bool IsSet(const Variables& variables, std::string_view name) {
  const auto found = variables.find(name);
  return found != variables.end() && !found->second.empty();
}

std::string Preferred(std::string_view kind, const Variables& variables) {
  if (kind == "storage") {
    return IsSet(variables, "DATABASE_URL") ? "tutti.storage.postgresql" : "tutti.storage.sqlite";
  }
  if (kind == "model") {
    return IsSet(variables, "ANTHROPIC_API_KEY") ? "tutti.models.anthropic" : "tutti.models.rehearsal";
  }
  return {};
}

class RoleResolver {
 public:
  RoleResolver(const Node& root, const Variables& variables, const std::vector<ListedPlugin>& listed,
               Problems& problems)
      : root_(root), roles_(root.Find("roles")), variables_(variables), listed_(listed), problems_(problems) {}

  std::string Resolve(std::string_view kind) {
    const Node* role = roles_ == nullptr ? nullptr : roles_->Find(kind);
    const bool is_named = role != nullptr && role->is_scalar() && !role->text.empty() && role->text != "auto";
    return is_named ? ResolveNamed(kind, *role) : ResolveAuto(kind, role == nullptr ? root_ : *role);
  }

 private:
  std::string ResolveNamed(std::string_view kind, const Node& role) {
    std::vector<std::string> names;
    for (const ListedPlugin& plugin : listed_) {
      if (!plugin.found->manifest.Serves(kind)) {
        continue;
      }
      const std::string& id = plugin.found->manifest.id;
      if (role.text != plugin.as && role.text != id) {
        names.push_back(plugin.as);
        continue;
      }
      if (!plugin.enabled) {
        problems_.push_back(
            ProblemAt(role, "plugin " + id + " has this role but is disabled; enable it or name another"));
      }
      return id;
    }
    names.emplace_back("auto");
    problems_.push_back(ProblemAt(role,
                                  "expected a listed plugin of kind " + std::string(kind) + " (" + JoinNames(names) +
                                      "), found " + Describe(role),
                                  Nearest(role.text, names)));
    return {};
  }

  std::string ResolveAuto(std::string_view kind, const Node& place) {
    const std::string preferred = Preferred(kind, variables_);
    std::vector<std::string> enabled;
    for (const ListedPlugin& plugin : listed_) {
      if (plugin.enabled && plugin.found->manifest.Serves(kind)) {
        enabled.push_back(plugin.found->manifest.id);
      }
    }
    if (std::find(enabled.begin(), enabled.end(), preferred) != enabled.end()) {
      return preferred;
    }
    if (enabled.size() > 1) {
      Problem problem = ProblemAt(place, "several plugins of kind " + std::string(kind) + " are enabled (" +
                                             JoinNames(enabled) + "); name one under roles." + std::string(kind));
      problem.path = "roles." + std::string(kind);
      problems_.push_back(std::move(problem));
    }
    return enabled.size() == 1 ? enabled.front() : std::string();
  }

  const Node& root_;
  const Node* roles_;
  const Variables& variables_;
  const std::vector<ListedPlugin>& listed_;
  Problems& problems_;
};

// false, and a problem, when the manifest does not list it.
bool Enable(const std::string& storage, const Node& root, std::vector<ListedPlugin>& listed, Problems& problems) {
  const auto found = std::find_if(listed.begin(), listed.end(), [&](const ListedPlugin& plugin) {
    return plugin.found->manifest.id == storage && plugin.found->manifest.Serves("storage");
  });
  if (found == listed.end()) {
    problems.push_back(ProblemAt(root, "expected plugin " + storage + " in `plugins`, found no such entry; list it"));
    return false;
  }
  found->enabled = true;
  return true;
}

// Only one storage and one model are loaded at a time.
bool IsExclusive(const PluginManifest& plugin) {
  return std::all_of(plugin.kinds.begin(), plugin.kinds.end(),
                     [](const std::string& kind) { return kind == "storage" || kind == "model"; });
}

}  // namespace

Roles ResolveRoles(const Node& root, const Variables& variables, const std::string& storage,
                   std::vector<ListedPlugin>& listed, Problems& problems) {
  const bool is_given = !storage.empty() && Enable(storage, root, listed, problems);
  RoleResolver resolver(root, variables, listed, problems);
  Roles roles{is_given ? storage : resolver.Resolve("storage"), resolver.Resolve("model"), resolver.Resolve("runtime")};
  for (ListedPlugin& plugin : listed) {
    const std::string& id = plugin.found->manifest.id;
    plugin.chosen = !IsExclusive(plugin.found->manifest) || id == roles.storage || id == roles.model;
  }
  return roles;
}

}  // namespace tutti::host
