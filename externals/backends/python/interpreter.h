#pragma once
// The one interpreter of the process, on a thread of its own that starts it, imports the package
// and then sleeps for good: CPython is never finalised, because numpy and torch cannot be imported
// a second time. Any thread but audio may call `start`; it waits until the import has ended, seconds
// the first time. Leaked on purpose, like its thread.
//
// Python regards that thread as its main thread, so a module that sets a signal handler while it is
// imported would get it; `install_signal_handlers` is off and Sideman's own modules set none.

#include <condition_variable>
#include <mutex>
#include <string>

#include "backends/python/bridge_abi.h"

namespace sideman {

class Interpreter {
 public:
  // Starts Python of the venv at the first call and imports sideman.bridge; later calls with the
  // same venv return at once, or try the import again when it failed. False with one line in `why`.
  bool start(const std::string& venv, sideman_bridge_console console, void* user, std::string& why);

 private:
  enum class Stage { none, running, ready, dead };

  bool may_start(const std::string& venv, std::string& why) const;
  void run();
  bool initialise(std::string& why);
  bool import_package(std::string& why);

  std::mutex mutex_;
  std::condition_variable changed_;
  Stage stage_ = Stage::none;
  bool thread_runs_ = false;
  bool asked_ = false;
  std::string venv_;
  std::string why_;
  sideman_bridge_console console_ = nullptr;
  void* user_ = nullptr;
};

Interpreter& interpreter();

}  // namespace sideman
