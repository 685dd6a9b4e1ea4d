// A host that quits while its model is busy: `quit_host VENV MODEL exit|return|main STATUS`.
// It prints "quitting" and then leaves in the given way; the test measures how.

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "live.h"

using namespace sideman;
using namespace sideman::test;

int main(int count, char** words) {
  if (count != 5) return 90;
  const std::string how = words[3];
  const int status = std::atoi(words[4]);
  auto* engine = new Engine(python_settings(words[2], words[1]), python_factory());
  if (!engine->prepare(44100.0, 64).ok()) return 91;
  engine->load();
  const bool opens = std::strstr(words[2], "_at_open") == nullptr;
  if (engine->wait_loaded(opens ? 30000.0 : 300.0) != opens) return 92;

  std::thread audio([engine] {
    std::vector<float> vector(64, 0.25f);
    const float* in[] = {vector.data(), nullptr};
    std::vector<float> played(64);
    float* out = played.data();
    for (int i = 0; i < 200; ++i) engine->process(in, &out, 1, 64);
  });
  audio.join();
  std::this_thread::sleep_for(std::chrono::milliseconds(200));

  std::puts("quitting");
  std::fflush(stdout);
  if (how == "exit") std::exit(status);  // as Pd: objects are not freed
  if (how == "stop") {                   // as Max: a quit task, then the objects
    stop_python(300);
    delete engine;
    std::exit(status);
  }
  delete engine;
  return status;
}
