// Has room for one call: the next one takes its place, and the first is never finished.
#include <atomic>

#include "specimen.h"

class Plugin : public Specimen {
 public:
  using Specimen::Specimen;

  void Invoke(std::string_view, std::string_view args, const tutti::Call& call) {
    waiting_ = new tutti::Call(call);
    (void)host_.Post([this, text = std::string(args)] {
      if (const tutti::Call* current = waiting_.exchange(nullptr)) {
        current->Finish(text);
        delete current;
      }
    });
  }

 private:
  std::atomic<tutti::Call*> waiting_{nullptr};
};

TUTTI_PLUGIN(Plugin, "org.example.specimen", "1.0.0")
