// expect: ignoring return
#include "tutti/sdk/task.hpp"

tutti::Task<int> Work();

tutti::Task<int> Caller() {
#ifdef WRONG
  Work();
  co_return 0;
#else
  co_return co_await Work();
#endif
}
