# Every library: the installed one first, a pinned source otherwise. Each becomes one target name.
include(FetchContent)

# CMake 4 refuses what asks for less, as the pinned libsamplerate and doctest do.
set(CMAKE_POLICY_VERSION_MINIMUM 3.5)

# The external for Max carries its libraries: nobody can be asked to install one beside Max.

# libsamplerate -> sideman_samplerate (BSD-2)
find_path(SAMPLERATE_INCLUDE_DIR samplerate.h)
find_library(SAMPLERATE_LIBRARY samplerate)
add_library(sideman_samplerate INTERFACE)
if(SAMPLERATE_INCLUDE_DIR AND SAMPLERATE_LIBRARY AND NOT SIDEMAN_BUILD_MAX)
  target_include_directories(sideman_samplerate SYSTEM INTERFACE ${SAMPLERATE_INCLUDE_DIR})
  target_link_libraries(sideman_samplerate INTERFACE ${SAMPLERATE_LIBRARY})
else()
  set(BUILD_TESTING OFF CACHE BOOL "" FORCE)
  set(LIBSAMPLERATE_EXAMPLES OFF CACHE BOOL "" FORCE)
  set(LIBSAMPLERATE_INSTALL OFF CACHE BOOL "" FORCE)
  FetchContent_Declare(samplerate GIT_REPOSITORY https://github.com/libsndfile/libsamplerate.git
    GIT_TAG 0.2.2 GIT_SHALLOW ON)
  FetchContent_MakeAvailable(samplerate)
  target_link_libraries(sideman_samplerate INTERFACE samplerate)
endif()

# libsodium -> sideman_sodium (ISC), for what talks to a server
find_path(SODIUM_INCLUDE_DIR sodium.h)
find_library(SODIUM_LIBRARY NAMES sodium libsodium)
add_library(sideman_sodium INTERFACE)
if(SODIUM_INCLUDE_DIR AND SODIUM_LIBRARY AND NOT SIDEMAN_BUILD_MAX)
  target_include_directories(sideman_sodium SYSTEM INTERFACE ${SODIUM_INCLUDE_DIR})
  target_link_libraries(sideman_sodium INTERFACE ${SODIUM_LIBRARY})
else()
  set(SODIUM_DISABLE_TESTS ON CACHE BOOL "" FORCE)
  FetchContent_Declare(sodium GIT_REPOSITORY https://github.com/robinlinden/libsodium-cmake.git
    GIT_TAG e5b985ad0dd235d8c4307ea3a385b45e76c74c6a)
  FetchContent_MakeAvailable(sodium)
  target_link_libraries(sideman_sodium INTERFACE sodium)
endif()

# asio without Boost -> sideman_asio (BSL-1.0), headers only
find_path(ASIO_INCLUDE_DIR asio.hpp)
add_library(sideman_asio INTERFACE)
if(NOT ASIO_INCLUDE_DIR)
  FetchContent_Declare(asio GIT_REPOSITORY https://github.com/chriskohlhoff/asio.git
    GIT_TAG asio-1-30-2 GIT_SHALLOW ON)
  FetchContent_Populate(asio)
  set(ASIO_INCLUDE_DIR ${asio_SOURCE_DIR}/asio/include)
endif()
target_include_directories(sideman_asio SYSTEM INTERFACE ${ASIO_INCLUDE_DIR})
target_compile_definitions(sideman_asio INTERFACE ASIO_STANDALONE ASIO_NO_DEPRECATED)
if(WIN32)
  target_compile_definitions(sideman_asio INTERFACE _WIN32_WINNT=0x0A00)
  target_link_libraries(sideman_asio INTERFACE ws2_32 mswsock)
endif()

# doctest -> sideman_doctest (MIT), for the tests only
if(SIDEMAN_BUILD_TESTS)
  find_path(DOCTEST_INCLUDE_DIR doctest/doctest.h)
  add_library(sideman_doctest INTERFACE)
  if(NOT DOCTEST_INCLUDE_DIR)
    FetchContent_Declare(doctest GIT_REPOSITORY https://github.com/doctest/doctest.git
      GIT_TAG v2.4.11 GIT_SHALLOW ON)
    FetchContent_Populate(doctest)
    set(DOCTEST_INCLUDE_DIR ${doctest_SOURCE_DIR})
  endif()
  target_include_directories(sideman_doctest SYSTEM INTERFACE ${DOCTEST_INCLUDE_DIR})
endif()

# The Max SDK -> sideman_max_sdk (MIT); never vendored
if(SIDEMAN_BUILD_MAX)
  if(NOT MAX_SDK_BASE)
    FetchContent_Declare(max_sdk_base GIT_REPOSITORY https://github.com/Cycling74/max-sdk-base.git
      GIT_TAG a9321e8)
    FetchContent_Populate(max_sdk_base)
    set(MAX_SDK_BASE ${max_sdk_base_SOURCE_DIR})
  endif()
  if(NOT EXISTS ${MAX_SDK_BASE}/c74support/max-includes/ext.h)
    message(FATAL_ERROR "MAX_SDK_BASE=${MAX_SDK_BASE} holds no c74support/max-includes/ext.h; "
      "give the root of a max-sdk-base checkout")
  endif()
  add_library(sideman_max_sdk INTERFACE)
  target_include_directories(sideman_max_sdk SYSTEM INTERFACE
    ${MAX_SDK_BASE}/c74support/max-includes ${MAX_SDK_BASE}/c74support/msp-includes)
endif()
