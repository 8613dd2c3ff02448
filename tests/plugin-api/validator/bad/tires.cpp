// Has enough after a while.
#include "specimen.h"

class Plugin : public Specimen {
 public:
  using Specimen::Specimen;

  tutti::Status Activate() {
    return ++activations_ < 50 ? tutti::Status() : tutti::Status::ResourceExhausted("expected fewer activations");
  }

  static tutti::Result<std::string> Invoke(std::string_view, std::string_view args, const tutti::Call&) {
    return std::string(args);
  }

 private:
  int activations_ = 0;
};

TUTTI_PLUGIN(Plugin, "org.example.specimen", "1.0.0")
