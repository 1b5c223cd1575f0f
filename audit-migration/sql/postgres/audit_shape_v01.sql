-- audit_shape version 1
-- A table's columns with their types, by which a trigger function knows whether the table is as it was when the function was made.
CREATE FUNCTION {schema}.audit_shape_v01(relation oid) RETURNS text[] LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN ARRAY(
        SELECT attname || ' ' || format_type(atttypid, NULL) FROM pg_attribute
        WHERE attrelid = relation AND attnum > 0 AND NOT attisdropped
        ORDER BY attname COLLATE "C"
    );
END
$$;
