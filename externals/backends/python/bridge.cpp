// The bridge library: its one exported symbol, Python's start, and the end of the process.

#include <cstdio>
#include <cstdlib>
#include <string>

#include "backends/python/bridge_calls.h"
#include "backends/python/call_gate.h"
#include "backends/python/interpreter.h"

#ifdef _WIN32
#define SIDEMAN_EXPORT __declspec(dllexport)
#else
#include <unistd.h>
#define SIDEMAN_EXPORT __attribute__((visibility("default")))
#endif

namespace {

using namespace sideman;

// A host that quits while a model computes: Pd calls exit(), which destroys the static objects of
// every library, torch's among them, under the feet of a thread that still uses them. So the first
// handler to run at exit is ours (the last one registered, hence again after each `open`, which may
// load more libraries). It asks every call to end; if one does not, the process ends here, with the
// status that exit() was given and its output flushed, and nothing is destroyed under anyone.
// On Windows the system has already ended all other threads at that point: hosts call `stop`.
#ifndef _WIN32
constexpr int32_t patience_ms = 800;

void end_of_process(int status) {
  if (calls().stop(patience_ms)) return;
  std::fflush(stdout);
  std::fflush(stderr);
  _exit(status);
}

#ifdef __linux__
void watch_end_of_process() {
  on_exit([](int status, void*) { end_of_process(status); }, nullptr);
}
#else
void watch_end_of_process() {
  std::atexit([] { end_of_process(0); });
}
#endif
#else
void watch_end_of_process() {}
#endif

int start(const char* venv, sideman_bridge_console console, void* user,
          sideman_bridge_error* error) {
  if (!calls().enter()) return SIDEMAN_BRIDGE_CANCELLED;
  watch_end_of_process();
  std::string why;
  const bool ready = interpreter().start(venv, console, user, why);
  watch_end_of_process();
  calls().leave();
  if (!ready) write_error(error, why.c_str());
  return ready ? SIDEMAN_BRIDGE_OK : SIDEMAN_BRIDGE_FAILED;
}

const sideman_bridge_table& table() {
  static const sideman_bridge_table* const only = [] {
    static sideman_bridge_table made = make_table(start);
    static const auto open = made.open;
    made.open = [](const sideman_bridge_open* request, sideman_bridge_model* model,
                   sideman_bridge_session** session, sideman_bridge_error* error) {
      const int code = open(request, model, session, error);
      watch_end_of_process();
      return code;
    };
    return &made;
  }();
  return *only;
}

}  // namespace

extern "C" SIDEMAN_EXPORT const sideman_bridge_table* sideman_bridge(uint32_t abi) {
  return abi == SIDEMAN_BRIDGE_ABI ? &table() : nullptr;
}
