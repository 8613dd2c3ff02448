#include "elf_exports.h"

#include <elf.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <optional>
#include <string_view>

namespace tutti::validator {
namespace {

constexpr std::uintmax_t kSizeLimit = 1ULL << 30U;

// A struct at an offset; empty when it would reach over the end. Copied: the bytes need not be aligned.
template <typename T>
std::optional<T> At(std::string_view bytes, std::uint64_t offset) {
  if (offset > bytes.size() || bytes.size() - offset < sizeof(T)) {
    return std::nullopt;
  }
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

std::string NameAt(std::string_view bytes, const Elf64_Shdr& strings, std::uint64_t index) {
  if (strings.sh_offset > bytes.size() || index >= strings.sh_size) {
    return {};
  }
  const std::string_view table = bytes.substr(strings.sh_offset, strings.sh_size);
  if (index >= table.size()) {
    return {};
  }
  const std::string_view rest = table.substr(index);
  return std::string(rest.substr(0, rest.find('\0')));
}

bool IsExported(const Elf64_Sym& symbol) {
  const auto binding = ELF64_ST_BIND(symbol.st_info);
  const auto visibility = ELF64_ST_VISIBILITY(symbol.st_other);
  const bool is_shared = binding == STB_GLOBAL || binding == STB_WEAK || binding == STB_GNU_UNIQUE;
  return is_shared && symbol.st_shndx != SHN_UNDEF && (visibility == STV_DEFAULT || visibility == STV_PROTECTED);
}

Result<std::string> ReadBytes(const std::filesystem::path& library) {
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(library, error);
  if (error || size > kSizeLimit) {
    return Status::NotFound("expected a library of at most 1 GiB at " + library.string() + ", found " +
                            (error ? error.message() : std::to_string(size) + " bytes"));
  }
  std::ifstream file(library, std::ios::binary);
  std::string bytes(size, '\0');
  if (!file.read(bytes.data(), static_cast<std::streamsize>(size))) {
    return Status::NotFound("could not read " + library.string());
  }
  return bytes;
}

}  // namespace

Result<std::vector<std::string>> ReadExports(const std::filesystem::path& library) {
  const Result<std::string> bytes = ReadBytes(library);
  if (!bytes.ok()) {
    return bytes.status();
  }
  const auto header = At<Elf64_Ehdr>(*bytes, 0);
  if (!header || std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 || header->e_ident[EI_CLASS] != ELFCLASS64 ||
      header->e_ident[EI_DATA] != ELFDATA2LSB) {
    return Status::InvalidArgument("expected a 64-bit little-endian ELF library, found something else at " +
                                   library.string());
  }
  std::vector<std::string> names;
  for (unsigned i = 0; i < header->e_shnum; ++i) {
    const auto section = At<Elf64_Shdr>(*bytes, header->e_shoff + std::uint64_t{i} * header->e_shentsize);
    if (!section || section->sh_type != SHT_DYNSYM) {
      continue;
    }
    const auto strings =
        At<Elf64_Shdr>(*bytes, header->e_shoff + std::uint64_t{section->sh_link} * header->e_shentsize);
    const std::uint64_t count = strings ? section->sh_size / sizeof(Elf64_Sym) : 0;
    for (std::uint64_t k = 0; k < count; ++k) {
      const auto symbol = At<Elf64_Sym>(*bytes, section->sh_offset + k * sizeof(Elf64_Sym));
      if (!symbol) {
        break;
      }
      if (IsExported(*symbol)) {
        names.push_back(NameAt(*bytes, *strings, symbol->st_name));
      }
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace tutti::validator
