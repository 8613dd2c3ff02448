// Finishes each call a second time.
#include "specimen.h"

class Plugin : public Specimen {
 public:
  using Specimen::Specimen;

  static void Invoke(std::string_view, std::string_view, const tutti::Call& call) {
    call.Finish(std::string("1"));
    call.Finish(std::string("2"));
  }
};

TUTTI_PLUGIN(Plugin, "org.example.specimen", "1.0.0")
