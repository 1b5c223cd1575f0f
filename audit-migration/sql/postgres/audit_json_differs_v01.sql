-- audit_json_differs version 1
-- Whether two JSON texts are not one value. What jsonb cannot hold (\u0000, numbers without end) is compared by its text.
CREATE FUNCTION {schema}.audit_json_differs_v01(text, text) RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $$
BEGIN
    RETURN $1::jsonb IS DISTINCT FROM $2::jsonb;
EXCEPTION WHEN others THEN
    RETURN $1 IS DISTINCT FROM $2;
END
$$;
