#include "host/manifest/permissions.h"

#include <algorithm>

#include "tutti/sdk/nearest.hpp"

namespace tutti::host {
namespace {

constexpr std::size_t kAll = 64;

bool IsService(const std::string& name) {
  const std::vector<std::string>& services = GrantableServices();
  return std::find(services.begin(), services.end(), name) != services.end();
}

bool IsGranted(const std::string& permission, const PluginGrants& grants) {
  if (permission == "net") {
    return grants.net;
  }
  if (permission == "exec") {
    return grants.exec;
  }
  if (permission == "path") {
    return !grants.read_paths.empty() || !grants.write_paths.empty();
  }
  return grants.services.contains(permission);
}

void AddPart(std::string& text, const std::string& part) {
  text += (text.empty() ? "" : ", ") + part;
}

}  // namespace

const std::vector<std::string>& GrantableServices() {
  static const std::vector<std::string> kNames = {"store",  "commands", "models", "runtimes", "templates", "hooks",
                                                  "events", "gateway",  "admin",  "secrets",  "house"};
  return kNames;
}

const std::vector<std::string>& PermissionNames() {
  static const std::vector<std::string> kNames = [] {
    std::vector<std::string> names = GrantableServices();
    names.insert(names.end(), {"net", "path", "exec"});
    return names;
  }();
  return kNames;
}

std::string GrantableServicesYaml() {
  return "[" + JoinNames(GrantableServices(), kAll) + "]";
}

std::string PermissionNamesYaml() {
  return "[" + JoinNames(PermissionNames(), kAll) + "]";
}

PluginGrants GrantsOf(const std::vector<std::string>& permissions) {
  PluginGrants grants;
  for (const std::string& permission : permissions) {
    if (IsService(permission)) {
      grants.services.insert(permission);
    }
    grants.net = grants.net || permission == "net";
    grants.exec = grants.exec || permission == "exec";
  }
  return grants;
}

std::vector<std::string> Missing(const std::vector<std::string>& asked, const PluginGrants& grants) {
  std::vector<std::string> missing;
  for (const std::string& permission : asked) {
    if (!IsGranted(permission, grants)) {
      missing.push_back(permission);
    }
  }
  return missing;
}

std::string GrantsText(const std::vector<std::string>& permissions) {
  std::vector<std::string> services;
  std::copy_if(permissions.begin(), permissions.end(), std::back_inserter(services), &IsService);
  std::string text;
  if (!services.empty()) {
    AddPart(text, "services: [" + JoinNames(services, kAll) + "]");
  }
  for (const std::string& permission : permissions) {
    if (permission == "net" || permission == "exec") {
      AddPart(text, permission + ": true");
    } else if (permission == "path") {
      AddPart(text, "path: {read: [DIR], write: [DIR]}");
    }
  }
  return text;
}

}  // namespace tutti::host
