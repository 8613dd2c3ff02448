#include "host/server/process_limits.h"

#include <sys/prctl.h>
#include <sys/resource.h>

namespace tutti::host {

void SetProcessLimits() {
  prctl(PR_SET_DUMPABLE, 0);
  rlimit descriptors{};
  if (getrlimit(RLIMIT_NOFILE, &descriptors) == 0) {
    descriptors.rlim_cur = descriptors.rlim_max;
    setrlimit(RLIMIT_NOFILE, &descriptors);
  }
}

}  // namespace tutti::host
