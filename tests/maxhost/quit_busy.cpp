// Loads an object whose model is stuck, quits as Max does, and returns from main with the worker
// still inside its call. Exit code 0: the quit took less than two seconds and nothing terminated.

#include <chrono>
#include <cstdio>

#include "kernel.h"
#include "scripted_backends.h"

int main() {
  using namespace std::chrono_literals;
  maxhost::Kernel kernel;
  kernel.dsp_on(44100, 64);
  kernel.create("stubborn @backend echo @hop 1 @lead 2");
  kernel.free_run(64, 1.0);
  if (!kernel.serve_until([] { return maxhost::stubborn_begun() > 0; }, 20s)) {
    std::fputs("the model was never asked\n", stderr);
    return 1;
  }
  const auto before = std::chrono::steady_clock::now();
  kernel.quit();
  const bool quick = std::chrono::steady_clock::now() - before < 2s;
  std::puts(quick ? "quit in time" : "quit took too long");
  return quick ? 0 : 1;
}
