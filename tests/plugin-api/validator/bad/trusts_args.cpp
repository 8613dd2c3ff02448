// Believes that its arguments are always what it described.
#include <cstdlib>

#include "specimen.h"

class Plugin : public Specimen {
 public:
  using Specimen::Specimen;

  static tutti::Result<std::string> Invoke(std::string_view, std::string_view args, const tutti::Call&) {
    const std::string_view name = tutti::JsonMember(args, "name");
    if (name.empty() || name.front() != '"') {
      std::abort();
    }
    return std::string(args);
  }
};

TUTTI_PLUGIN(Plugin, "org.example.specimen", "1.0.0")
