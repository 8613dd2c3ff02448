// expect: ignoring return
#include <string>

#include "tutti/sdk/status.hpp"

tutti::Result<std::string> Load();

void Caller() {
#ifdef WRONG
  Load();
#else
  (void)Load();
#endif
}
