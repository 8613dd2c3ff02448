// Reads through a null pointer in init.
#include "specimen.h"

class Plugin : public Specimen {
 public:
  using Specimen::Specimen;

  tutti::Status Init(const tutti::Config&) {
    volatile int* nothing = nothing_;
    return *nothing == 0 ? tutti::Status() : tutti::Status::Internal("unreachable");
  }

  static tutti::Result<std::string> Invoke(std::string_view, std::string_view args, const tutti::Call&) {
    return std::string(args);
  }

 private:
  volatile int* nothing_ = nullptr;
};

TUTTI_PLUGIN(Plugin, "org.example.specimen", "1.0.0")
