#include "backends/python/interpreter_set_up.h"

#include <cstdlib>

#ifdef __linux__
#include <locale.h>
#endif

#include <pybind11/embed.h>

#include "backends/python/dynamic_library.h"
#include "backends/python/venv.h"
#include "core/paths.h"

#ifndef _WIN32
#include <dlfcn.h>
#endif

namespace py = pybind11;

namespace sideman {

namespace {

void set_if_unset(const char* name, const char* value) {
#ifdef _WIN32
  if (!std::getenv(name)) _putenv_s(name, value);
#else
  setenv(name, value, 0);
#endif
}

std::string reason(const PyStatus& status) {
  return status.err_msg ? status.err_msg : "unknown reason";
}

bool venv_runs(const std::filesystem::path& venv, std::string& why) {
  try {
    const auto prefix = py::module_::import("sys").attr("prefix").cast<std::string>();
    std::error_code failed;
    if (std::filesystem::equivalent(path_from_utf8(prefix), venv, failed)) return true;
    why = "Python started from '" + prefix + "' and not from '" + path_to_utf8(venv) +
          "': the venv is broken; make it again and install sideman in it";
  } catch (const std::exception& raised) {
    why = std::string("Python started without its own modules: ") + raised.what();
  }
  return false;
}

// While it lives, this thread's text is UTF-8. Python reads the venv's .pth files in the encoding of
// the locale, whatever its own mode, and a host that sets no locale leaves ASCII: a venv in a folder
// with an accent would not start. The host's own locale is not touched.
class Utf8Thread {
 public:
#ifdef __linux__
  Utf8Thread() : utf8_(newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr)) {
    if (utf8_ != nullptr) before_ = uselocale(utf8_);
  }
  ~Utf8Thread() {
    if (utf8_ == nullptr) return;
    uselocale(before_);
    freelocale(utf8_);
  }
  Utf8Thread(const Utf8Thread&) = delete;
  Utf8Thread& operator=(const Utf8Thread&) = delete;

 private:
  locale_t utf8_, before_ = nullptr;
#endif
};

PyStatus configure(PyConfig& config, const std::string& executable) {
  config.install_signal_handlers = 0;
  config.parse_argv = 0;
  config.buffered_stdio = 0;
  PyStatus status = PyConfig_SetBytesString(&config, &config.program_name, executable.c_str());
  if (PyStatus_Exception(status)) return status;
  return PyConfig_SetBytesString(&config, &config.executable, executable.c_str());
}

}  // namespace

void share_libpython() {
#ifndef _WIN32
  Dl_info info{};
  if (dladdr(reinterpret_cast<void*>(&Py_IsInitialized), &info) && info.dli_fname) {
    dlopen(info.dli_fname, RTLD_NOW | RTLD_GLOBAL | RTLD_NOLOAD);
  }
#endif
}

void limit_threads() {
  for (const char* name : {"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS",
                           "VECLIB_MAXIMUM_THREADS", "NUMEXPR_NUM_THREADS"}) {
    set_if_unset(name, "1");
  }
}

bool initialise_python(const std::filesystem::path& venv, std::string& why) {
  [[maybe_unused]] const Utf8Thread utf8;
  PyPreConfig before;
  PyPreConfig_InitIsolatedConfig(&before);
  before.utf8_mode = 1;  // paths are UTF-8 whatever locale the host has set
  PyStatus status = Py_PreInitialize(&before);
  if (!PyStatus_Exception(status)) {
    PyConfig config;
    PyConfig_InitIsolatedConfig(&config);
    status = configure(config, path_to_utf8(venv_executable(venv)));
    if (!PyStatus_Exception(status)) status = Py_InitializeFromConfig(&config);
    PyConfig_Clear(&config);
  }
  if (PyStatus_Exception(status)) {
    why = "Python of '" + path_to_utf8(venv) + "' does not start: " + reason(status) +
          "; make the venv again and install sideman in it";
    return false;
  }
  if (venv_runs(venv, why)) return true;
  PyEval_SaveThread();
  return false;
}

}  // namespace sideman
