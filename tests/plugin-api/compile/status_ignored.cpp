// expect: ignoring return
#include "tutti/sdk/status.hpp"

tutti::Status Save();

void Caller() {
#ifdef WRONG
  Save();
#else
  (void)Save();
#endif
}
