#include "host/sandbox/sandbox.h"

#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "host/sandbox/capabilities.h"
#include "host/sandbox/descriptors.h"
#include "host/sandbox/namespaces.h"
#include "host/sandbox/path_rules.h"
#include "host/sandbox/rehearsal.h"
#include "host/sandbox/resource_limits.h"
#include "host/sandbox/sanitizer.h"
#include "host/sandbox/system_call_filter.h"
#include "host/sandbox/visible_paths.h"

namespace tutti::host {
namespace {

Status Unfinished(const Status& reason) {
  return Status::Internal("the sandbox was entered half-way and the process has to end: " +
                          std::string(reason.message()));
}

// OK and false: refused, noted, nothing has changed.
Result<bool> TryNamespaces(const SandboxPlan& plan, std::vector<std::string>& notes) {
  const Status refused = Rehearse([&plan] {
    std::vector<std::string> unread;
    return EnterNamespaces(plan, unread);
  });
  if (!refused.ok()) {
    notes.push_back(
        "No namespaces: " + std::string(refused.message()) +
        ". See kernel.unprivileged_userns_clone, user.max_user_namespaces, AppArmor's restriction of user " +
        "namespaces, and the seccomp profile of a container.");
    return false;
  }
  if (const Status status = EnterNamespaces(plan, notes); !status.ok()) {
    return Unfinished(status);
  }
  return true;
}

void NotePathRules(const PluginGrants& grants, bool has_namespaces, bool is_filtered, const PathRules& rules,
                   std::vector<std::string>& notes) {
  if (!has_namespaces && rules.paths_are_held) {
    notes.emplace_back("Paths are held by Landlock instead of a root directory of its own.");
  } else if (!has_namespaces) {
    notes.emplace_back("Paths are not held: the plugin opens whatever the server's user may open.");
  }
  if (!rules.signals_are_held && (grants.exec || !is_filtered)) {
    notes.emplace_back(
        "Signals are not held: this kernel's Landlock cannot (Linux 6.12 can), so the plugin can end other processes "
        "of "
        "the server's user.");
  }
}

}  // namespace

Result<SandboxReport> EnterSandbox(const SandboxPlan& plan) {
  if (Status status = CheckPaths(plan); !status.ok()) {
    return status;
  }
  PrepareSanitizer();
  CloseDescriptorsExcept(plan.descriptors);
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    return Unfinished(Status::Internal(std::string("no_new_privs: ") + std::strerror(errno)));
  }
  SandboxReport report;
  const Result<bool> has_namespaces = TryNamespaces(plan, report.notes);
  if (!has_namespaces.ok()) {
    return has_namespaces.status();
  }
  if (!plan.scratch.empty() && ::chdir(plan.scratch.c_str()) != 0) {
    return Unfinished(Status::Internal("expected to work in the scratch directory \"" + plan.scratch.string() +
                                       "\", found: " + std::strerror(errno)));
  }
  if (const Status status = DropCapabilities(); !status.ok()) {
    return Unfinished(status);
  }
  if (const Status status = ApplyLimits(plan.limits, *has_namespaces, report.notes); !status.ok()) {
    return Unfinished(status);
  }
  const PathRules rules = ApplyPathRules(plan, !*has_namespaces);
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  const Status filtered = LoadSystemCallFilter(plan.grants);
  if (!filtered.ok()) {
    report.notes.push_back("System calls are not filtered: " + std::string(filtered.message()) +
                           ". So what the kernel offers stays open, new processes too" +
                           (*has_namespaces ? "." : " and, granted or not, the network."));
  } else {
    report.level = *has_namespaces ? Confinement::kFull : Confinement::kFiltered;
  }
  NotePathRules(plan.grants, *has_namespaces, filtered.ok(), rules, report.notes);
  return report;
}

}  // namespace tutti::host
