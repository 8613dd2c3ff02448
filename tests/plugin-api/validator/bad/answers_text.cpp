// Answers with text where JSON is expected.
#include "specimen.h"

class Plugin : public Specimen {
 public:
  using Specimen::Specimen;

  static tutti::Result<std::string> Invoke(std::string_view, std::string_view, const tutti::Call&) {
    return std::string("hello");
  }
};

TUTTI_PLUGIN(Plugin, "org.example.specimen", "1.0.0")
