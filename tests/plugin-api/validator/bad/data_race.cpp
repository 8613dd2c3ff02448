// Counts its calls without a lock: nothing that shows, except to the thread sanitizer.
#include "specimen.h"

class Plugin : public Specimen {
 public:
  using Specimen::Specimen;

  tutti::Result<std::string> Invoke(std::string_view, std::string_view, const tutti::Call&) {
    return std::to_string(++calls_);
  }

 private:
  int calls_ = 0;
};

TUTTI_PLUGIN(Plugin, "org.example.specimen", "1.0.0")
