// expect: use of deleted function
#include <utility>

#include "tutti/sdk/task.hpp"

void Caller(tutti::Task<int> first) {
#ifdef WRONG
  tutti::Task<int> second = first;
#else
  tutti::Task<int> second = std::move(first);
#endif
  (void)second;
}
