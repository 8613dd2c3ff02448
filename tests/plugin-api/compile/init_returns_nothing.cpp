// expect: return-statement|could not convert|cannot convert|no return
#include "tutti/sdk/plugin.hpp"

class Plugin {
 public:
  explicit Plugin(const tutti::Host&) {}

#ifdef WRONG
  void Init(const tutti::Config&) {}
#else
  tutti::Status Init(const tutti::Config&) {
    return {};
  }
#endif
};

TUTTI_PLUGIN(Plugin, "org.example.plugin", "1.0.0")
