#include "backends/python/interpreter.h"

#include <filesystem>

#include <pybind11/embed.h>

#include "backends/python/dynamic_library.h"
#include "backends/python/interpreter_set_up.h"
#include "backends/python/lent_memory.h"
#include "backends/python/python_error.h"
#include "backends/python/python_output.h"
#include "backends/python/venv.h"
#include "core/own_thread.h"
#include "core/paths.h"

namespace py = pybind11;

namespace sideman {

namespace {

std::string linked_version() {
  const std::string whole = Py_GetVersion();
  return whole.substr(0, whole.find('.', whole.find('.') + 1));
}

bool same_folder(const std::string& a, const std::string& b) {
  std::error_code failed;
  return a == b || std::filesystem::equivalent(path_from_utf8(a), path_from_utf8(b), failed);
}

}  // namespace

Interpreter& interpreter() {
  static Interpreter* const only = new Interpreter;
  return *only;
}

bool Interpreter::start(const std::string& venv, sideman_bridge_console console, void* user,
                        std::string& why) {
  std::unique_lock lock(mutex_);
  if (stage_ == Stage::none && !asked_) {
    if (!may_start(venv, why)) return false;
    venv_ = venv;
    console_ = console;
    user_ = user;
  }
  if (!same_folder(venv, venv_)) {
    why = "Python of '" + venv + "' cannot start: Python of '" + venv_ +
          "' runs in this process, and one process can hold only one; use that one or restart the "
          "host";
    return false;
  }
  if (stage_ != Stage::ready && stage_ != Stage::dead) {
    asked_ = true;
    if (!thread_runs_) {
      thread_runs_ = true;
      own_thread([this] { run(); }).detach();
    }
    changed_.notify_all();
    changed_.wait(lock, [&] { return !asked_; });
  }
  why = why_;
  return stage_ == Stage::ready;
}

bool Interpreter::may_start(const std::string& venv, std::string& why) const {
  if (Py_IsInitialized()) {
    why = "Python cannot start: another object in this process runs its own Python, and one "
          "process can hold only one; remove that object and restart the host";
    return false;
  }
  const std::string version = venv_version(path_from_utf8(venv));
  if (version != linked_version()) {
    why = "Python " + version + " of '" + venv + "' does not fit: its sideman was built for " +
          linked_version() + "; install sideman again in that venv";
    return false;
  }
  return true;
}

void Interpreter::run() {
  PyThreadState* sleeping = nullptr;
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [&] { return asked_; });
    const bool starts = stage_ == Stage::none;
    lock.unlock();
    std::string why;
    bool alive = true;
    if (starts) {
      alive = initialise(why);
    } else {
      PyEval_RestoreThread(sleeping);
    }
    const bool imported = alive && import_package(why);
    if (alive) sleeping = PyEval_SaveThread();
    lock.lock();
    if (!alive) why += "; then restart the host";
    stage_ = !alive ? Stage::dead : imported ? Stage::ready : Stage::running;
    why_ = why;
    asked_ = false;
    changed_.notify_all();
  }
}

bool Interpreter::initialise(std::string& why) {
  share_libpython();
  limit_threads();
  if (!initialise_python(path_from_utf8(venv_), why)) return false;
  try {
    redirect_output(console_, user_);
    LentMemory::prepare();
    // Python's default of 5 ms would let one model that computes in Python hold up another one.
    py::module_::import("sys").attr("setswitchinterval")(0.001);
    return true;
  } catch (const py::error_already_set& raised) {
    why = describe(raised).line;
  }
  PyEval_SaveThread();
  return false;
}

bool Interpreter::import_package(std::string& why) {
  try {
    py::module_::import("importlib").attr("invalidate_caches")();
    py::module_::import("sideman.bridge");
    return true;
  } catch (const py::error_already_set& raised) {
    why = describe(raised).line;
    return false;
  }
}

}  // namespace sideman
