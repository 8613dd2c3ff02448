// Ends the process when it is asked for something.
#include <unistd.h>

#include "specimen.h"

class Plugin : public Specimen {
 public:
  using Specimen::Specimen;

  static tutti::Result<std::string> Invoke(std::string_view, std::string_view, const tutti::Call&) { _exit(3); }
};

TUTTI_PLUGIN(Plugin, "org.example.specimen", "1.0.0")
