#include <array>
#include <atomic>
#include <mutex>

#include "backends/python/console_voice.h"
#include "backends/python/dynamic_library.h"
#include "backends/python/python_backend.h"
#include "backends/python/venv.h"
#include "core/paths.h"

namespace sideman {

namespace {

// The table of the bridge that this process runs; set once, never taken back.
std::atomic<const sideman_bridge_table*> running{nullptr};

// The venv whose Python was started by us; empty before. Under the lock of bridge_of_venv.
std::filesystem::path& started() {
  static auto& folder = *new std::filesystem::path;
  return folder;
}

// Each venv has a bridge library of its own, but a process has one Python.
Status only_one(const Venv& venv) {
  return Status::later("Python of '" + path_to_utf8(venv.folder) + "' cannot start: Python of '" +
                       path_to_utf8(started()) +
                       "' runs in this process, and one process can hold only one; use that one "
                       "or restart the host");
}

// A second interpreter in one process is undefined in CPython, so one that another external has
// started closes the door for ours.
bool python_runs() {
  using IsInitialized = int (*)();
  const auto asked = reinterpret_cast<IsInitialized>(process_symbol("Py_IsInitialized"));
  return asked && asked() != 0;
}

Status load_table(const Venv& venv, const sideman_bridge_table*& table) {
  const std::string file = "'" + path_to_utf8(venv.bridge) + "'";
  if (!started().empty() && !library_is_open(venv.bridge)) return only_one(venv);
  if (!library_is_open(venv.bridge) && python_runs()) {
    return Status::unavailable(
        "Python cannot start: another object in this process runs its own Python, and one process "
        "can hold only one; remove that object and restart the host");
  }
  find_libraries_in(venv.home);
  std::string why;
  void* library = open_library(venv.bridge, why);
  if (!library) {
    return Status::unavailable("the bridge " + file + " does not load: " + why +
                               "; install sideman again in that venv");
  }
  const auto entry =
      reinterpret_cast<sideman_bridge_entry>(library_symbol(library, SIDEMAN_BRIDGE_SYMBOL));
  table = entry ? entry(SIDEMAN_BRIDGE_ABI) : nullptr;
  if (!table || table->abi != SIDEMAN_BRIDGE_ABI || table->size < sizeof(sideman_bridge_table)) {
    table = nullptr;
    return Status::unavailable("the bridge " + file + " does not fit this external (it wants ABI " +
                               std::to_string(SIDEMAN_BRIDGE_ABI) +
                               "): their versions differ; install the same version of both");
  }
  return {};
}

}  // namespace

Status bridge_of_venv(const OpenRequest& request, const sideman_bridge_table*& table) {
  static std::mutex& one_at_a_time = *new std::mutex;
  const std::lock_guard lock(one_at_a_time);
  std::filesystem::path folder;
  Venv venv;
  if (Status chosen = choose_venv(request.python, default_places(own_binary()), folder);
      !chosen.ok()) {
    return chosen;
  }
  if (Status read = read_venv(folder, venv); !read.ok()) return read;
  if (Status loaded = load_table(venv, table); !loaded.ok()) return loaded;

  std::array<char, 1024> line{};
  sideman_bridge_error error{line.data(), static_cast<uint32_t>(line.size())};
  const std::string where = path_to_utf8(venv.folder);
  std::error_code ignored;
  if (!started().empty() && !std::filesystem::equivalent(started(), venv.folder, ignored)) {
    return only_one(venv);
  }
  const bool ran = python_runs();
  running.store(table);  // before: importing takes seconds, and the host may quit meanwhile
  const int32_t ended = table->start(where.c_str(), &ConsoleVoice::hear, nullptr, &error);
  // Where importing sideman failed Python runs all the same, and for good.
  if (ended == SIDEMAN_BRIDGE_OK || (!ran && python_runs())) started() = venv.folder;
  return ended == SIDEMAN_BRIDGE_OK ? Status{} : Status::unavailable(line.data());
}

bool stop_python(int32_t milliseconds) {
  const sideman_bridge_table* table = running.load();
  return !table || table->stop(milliseconds) == 0;
}

}  // namespace sideman
