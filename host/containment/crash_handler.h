// Says which plugin was doing what when the process dies of a signal, then lets it die of that signal.
//
// The sentence goes to standard error and into a record that the next start reads (see last_crash.h). Behind it come
// the addresses of the stack, with plugin and offset where they lie in a plugin's library.
#pragma once

#include <filesystem>

#include "tutti/sdk/status.hpp"

namespace tutti::host {

// For SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT and SIGTRAP, unless somebody (a sanitizer) handles the signal already.
// `record` is opened now and stays open; it is empty until there is a crash. Once per process, on the control thread;
// again only to change the record.
Status InstallCrashHandler(const std::filesystem::path& record);

}  // namespace tutti::host
