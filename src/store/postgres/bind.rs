//! A list of arguments in a statement that is written by hand.

/// Binds values as these types, with commas between.
macro_rules! bind {
    ($out:ident: $first:expr => $type:ty $(, $more:expr => $types:ty)* $(,)?) => {
        $out.push_bind_param::<$type, _>(&$first)?;
        $(
            $out.push_sql(", ");
            $out.push_bind_param::<$types, _>(&$more)?;
        )*
    };
}

pub(super) use bind;
