#include "guarded_block.h"

#include <sys/mman.h>
#include <unistd.h>

#include <new>

namespace tutti::validator {

GuardedBlock::GuardedBlock(std::size_t size) : size_(size) {
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  const std::size_t used = (size + page - 1) / page * page;
  mapped_ = used + page;
  pages_ = mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages_ == MAP_FAILED || mprotect(static_cast<char*>(pages_) + used, page, PROT_NONE) != 0) {
    throw std::bad_alloc();
  }
  data_ = static_cast<char*>(pages_) + used - size;
}

GuardedBlock::~GuardedBlock() {
  munmap(pages_, mapped_);
}

}  // namespace tutti::validator
