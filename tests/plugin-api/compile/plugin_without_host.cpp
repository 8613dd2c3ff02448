// expect: no matching function for call to
#include "tutti/sdk/plugin.hpp"

class Plugin {
 public:
#ifdef WRONG
  Plugin() = default;
#else
  explicit Plugin(const tutti::Host&) {}
#endif
};

TUTTI_PLUGIN(Plugin, "org.example.plugin", "1.0.0")
