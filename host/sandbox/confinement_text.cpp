#include "host/sandbox/confinement_text.h"

namespace tutti::host {

std::string DescribeConfinement(Confinement level, const PluginGrants& grants) {
  std::string text;
  switch (level) {
    case Confinement::kFull:
      text = grants.net ? "own user, mount, IPC and UTS namespaces; "
                        : "own user, mount, IPC, UTS and network namespaces; ";
      [[fallthrough]];
    case Confinement::kFiltered:
      text += "system calls filtered; ";
      [[fallthrough]];
    case Confinement::kProcess:
      text += "own process with resource limits, no new privileges";
  }
  return text;
}

}  // namespace tutti::host
