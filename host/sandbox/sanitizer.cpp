#include "host/sandbox/sanitizer.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define TUTTI_HAS_SANITIZER 1
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define TUTTI_HAS_SANITIZER 1
#endif

#ifdef TUTTI_HAS_SANITIZER
#include <sanitizer/common_interface_defs.h>
#endif

namespace tutti::host {

#ifdef TUTTI_HAS_SANITIZER

bool HasSanitizer() {
  return true;
}

void PrepareSanitizer() {
  __sanitizer_sandbox_arguments arguments{};
  arguments.coverage_fd = -1;
  __sanitizer_sandbox_on_notify(&arguments);
}

#else

bool HasSanitizer() {
  return false;
}

void PrepareSanitizer() {}

#endif

}  // namespace tutti::host
