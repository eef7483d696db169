-- SPDX-License-Identifier: BSD-2-Clause
-- Floating point and fields: three bodies that attract each other, by Euler's method.
local function step(bodies, dt)
	for i, a in ipairs(bodies) do
		for j = i + 1, #bodies do
			local b = bodies[j]
			local dx, dy, dz = a.x - b.x, a.y - b.y, a.z - b.z
			local square = dx * dx + dy * dy + dz * dz
			local pull = dt / (square * math.sqrt(square))

			a.vx = a.vx - dx * b.mass * pull
			a.vy = a.vy - dy * b.mass * pull
			a.vz = a.vz - dz * b.mass * pull
			b.vx = b.vx + dx * a.mass * pull
			b.vy = b.vy + dy * a.mass * pull
			b.vz = b.vz + dz * a.mass * pull
		end
	end
	for _, a in ipairs(bodies) do
		a.x = a.x + dt * a.vx
		a.y = a.y + dt * a.vy
		a.z = a.z + dt * a.vz
	end
end

return function()
	local bodies = {
		{ x = 0.0, y = 0.0, z = 0.0, vx = 0.0, vy = 0.0, vz = 0.0, mass = 40.0 },
		{ x = 5.0, y = 0.5, z = 0.1, vx = 0.1, vy = 2.5, vz = 0.0, mass = 0.4 },
		{ x = -9.0, y = 1.0, z = 0.3, vx = 0.0, vy = -2.0, vz = 0.2, mass = 0.1 },
	}

	for _ = 1, 2500 do
		step(bodies, 0.001)
	end
	-- Only additions, multiplications, divisions and square roots, which IEEE 754 defines to the bit.
	return string.unpack("<i8", string.pack("<d", bodies[1].x + bodies[2].y + bodies[3].z))
end
