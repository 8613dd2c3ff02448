// Remembers every call for ever.
#include <mutex>
#include <vector>

#include "specimen.h"

class Plugin : public Specimen {
 public:
  using Specimen::Specimen;

  tutti::Result<std::string> Invoke(std::string_view, std::string_view args, const tutti::Call&) {
    const std::lock_guard lock(mutex_);
    remembered_.emplace_back(500, 'x');
    return std::string(args);
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> remembered_;  // guarded by mutex_
};

TUTTI_PLUGIN(Plugin, "org.example.specimen", "1.0.0")
