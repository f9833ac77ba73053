//! JSON objects from uploads. Derived readers of structures take arrays of their fields as well,
//! which no format of models means.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

/// A value that has to be written as an object.
pub struct Object<T>(pub T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<T> {
            type Value = Object<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Object<T>, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(Object)
            }
        }
        deserializer.deserialize_map(Fields(PhantomData))
    }
}

/// Reads a value that has to be written as an object.
///
/// # Errors
/// When the bytes are not JSON, no object, or not of the value's shape.
pub fn object<'de, T: Deserialize<'de>>(bytes: &'de [u8]) -> Result<T, serde_json::Error> {
    serde_json::from_slice(bytes).map(|Object(value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_are_no_objects() {
        #[derive(serde::Deserialize)]
        struct One {
            a: u8,
        }
        assert_eq!(object::<One>(br#"{"a": 1}"#).unwrap().a, 1);
        assert!(object::<One>(b"[1]").is_err());
    }
}
