//! `pow` without libm: the SDKs' adaptive retries, which eksso does not use, are all that would load that library, and
//! loading it takes a twentieth of a warm `eksso token`.

#[allow(unsafe_code, reason = "the linker must find it under C's name; the function itself is safe code")]
#[unsafe(no_mangle)]
extern "C" fn pow(base: f64, exponent: f64) -> f64 {
    libm::pow(base, exponent)
}
