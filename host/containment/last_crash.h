// What the last run left behind when it crashed, taken over once by the next one.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>

namespace tutti::host {

struct LastCrash {
  std::string sentence;        // "crashed (SIGSEGV at 0x0) in plugin ..."; see crash_handler.h
  std::string plugin;          // id; empty: it was no plugin's
  std::string operation;       // empty: unknown
  std::filesystem::path kept;  // the whole record; empty: it could not be kept
};

// The record of the crash handler.
std::filesystem::path CrashRecord(const std::filesystem::path& data_dir);

// Moves the record to <data_dir>/crashes/<UTC time>-<number>.txt and removes the oldest of those beyond `keep`.
// nullopt: the last run did not crash. On the control thread, while the data directory is locked and before the handler
// is installed.
std::optional<LastCrash> TakeLastCrash(const std::filesystem::path& data_dir, std::size_t keep);

}  // namespace tutti::host
