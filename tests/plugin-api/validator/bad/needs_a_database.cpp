// Refuses to start without something that is not there.
#include "specimen.h"

class Plugin : public Specimen {
 public:
  using Specimen::Specimen;

  static tutti::Status Init(const tutti::Config&) {
    return tutti::Status::Unavailable("expected a database at db.example, found none");
  }

  static tutti::Result<std::string> Invoke(std::string_view, std::string_view args, const tutti::Call&) {
    return std::string(args);
  }
};

TUTTI_PLUGIN(Plugin, "org.example.specimen", "1.0.0")
