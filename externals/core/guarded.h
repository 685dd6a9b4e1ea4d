#pragma once
// Whatever a backend throws becomes a sentence. Worker thread.

#include <exception>
#include <new>
#include <string>

#include "core/status.h"

namespace sideman {

template <typename Call>
Status guarded(const char* what, Call&& call) {
  try {
    return call();
  } catch (const std::bad_alloc&) {
    return Status::failed(std::string(what) + ": there is not enough memory");
  } catch (const std::exception& error) {
    return Status::failed(std::string(what) + ": " + error.what());
  } catch (...) {
    return Status::failed(std::string(what) + ": the backend raised something unknown");
  }
}

}  // namespace sideman
