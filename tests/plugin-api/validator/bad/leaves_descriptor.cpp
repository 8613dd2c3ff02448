// Opens a file in each call and never closes it.
#include <fcntl.h>

#include "specimen.h"

class Plugin : public Specimen {
 public:
  using Specimen::Specimen;

  static tutti::Result<std::string> Invoke(std::string_view, std::string_view args, const tutti::Call&) {
    (void)open("/dev/null", O_RDONLY | O_CLOEXEC);
    return std::string(args);
  }
};

TUTTI_PLUGIN(Plugin, "org.example.specimen", "1.0.0")
