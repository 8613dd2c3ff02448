// Keeps each call and forgets it.
#include "specimen.h"

class Plugin : public Specimen {
 public:
  using Specimen::Specimen;

  void Invoke(std::string_view, std::string_view, const tutti::Call& call) { kept_ = new tutti::Call(call); }

 private:
  tutti::Call* kept_ = nullptr;
};

TUTTI_PLUGIN(Plugin, "org.example.specimen", "1.0.0")
