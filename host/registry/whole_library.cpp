#include "host/registry/whole_library.h"

#include <elf.h>
#include <link.h>

#include <cstdint>
#include <cstring>
#include <fstream>
#include <system_error>

namespace tutti::host {

namespace {

Status CutOff(const std::string& name, std::uint64_t size, std::uint64_t needed) {
  return Status::FailedPrecondition(name + ": cannot be loaded: expected a library of at least " +
                                    std::to_string(needed) + " bytes, as its header says, found " +
                                    std::to_string(size) + "; it was cut off, copy or install it again");
}

}  // namespace

Status CheckWhole(const std::filesystem::path& file, const std::string& name) {
  std::error_code failed;
  const std::uint64_t size = std::filesystem::file_size(file, failed);
  std::ifstream in(file, std::ios::binary);
  ElfW(Ehdr) header{};
  in.read(reinterpret_cast<char*>(&header), sizeof header);
  if (failed || !in || std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_phentsize != sizeof(ElfW(Phdr))) {
    return {};
  }
  std::uint64_t at = header.e_phoff;
  for (unsigned i = 0; i < header.e_phnum; ++i, at += sizeof(ElfW(Phdr))) {
    ElfW(Phdr) part{};
    if (at > size || size - at < sizeof part) {
      return CutOff(name, size, at + sizeof part);
    }
    in.seekg(static_cast<std::streamoff>(at));
    in.read(reinterpret_cast<char*>(&part), sizeof part);
    if (part.p_type == PT_LOAD && (part.p_offset > size || size - part.p_offset < part.p_filesz)) {
      return CutOff(name, size, part.p_offset + part.p_filesz);
    }
  }
  return {};
}

}  // namespace tutti::host
