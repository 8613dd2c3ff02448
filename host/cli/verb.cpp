#include "host/cli/verb.h"

#include <unistd.h>

#include <iostream>

#include "host/cli/locations.h"

namespace tutti::host {

Console ProcessConsole() {
  return {std::cin, std::cout, std::cerr, isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1};
}

int RunVerb(Verb verb, const CommandLine& line, const Console& console) {
  const Result<LoadOptions> options = MakeLoadOptions(line);
  if (verb == nullptr || !options.ok()) {
    return console.Fail(options.ok() ? Status::Internal("this verb has no function") : options.status());
  }
  return verb(line, *options, console);
}

}  // namespace tutti::host
